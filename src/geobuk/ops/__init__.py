"""What the rooms need to run at all: compiled kernels' cache, the home folder, clocks. Knows no room of the house."""
