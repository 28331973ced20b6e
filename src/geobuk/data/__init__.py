"""History: files of a user are read, pass the quality gate, rest in the catalog and come back as panels."""
