"""`python -m mnist_core.cluster --cores N`: see `cluster_service`."""

import argparse
import sys

from mnist_core.cluster.cluster_service import serve

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", type=int, default=1)
    sys.exit(serve(parser.parse_args().cores))
