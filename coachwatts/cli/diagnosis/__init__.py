"""What `coachwatts doctor` looks at. Each check gives findings, and each trouble comes with what to do."""
