"""Image data and a classifier of them: scikit-learn's digits, and CIFAR-10 from a folder."""
