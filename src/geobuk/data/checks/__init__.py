"""The checks of the quality gate, one file for each family; :mod:`geobuk.data.checks.table` lists them all."""
