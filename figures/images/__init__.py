"""Image data and what looks at it: scikit-learn's digits, CIFAR-10 from a folder, a classifier."""
