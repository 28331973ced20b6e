"""What the venue says, as typed structs: strict on types, indifferent to fields added later."""
