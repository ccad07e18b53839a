"""What people see of runs: charts, tables, HTML and text. The pages and the command line use the same."""
