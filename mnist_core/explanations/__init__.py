"""Why a network gives its answer: what counted on a digit, and what would change the answer."""
