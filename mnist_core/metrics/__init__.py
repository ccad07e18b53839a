"""What is computed from predictions and labels: accuracy, confusion, calibration, significance and entropy."""
