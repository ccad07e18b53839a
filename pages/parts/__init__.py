"""What several pages share: the canvas, the picker of runs, cached runs and digits, the heading, and the seam to
Streamlit.
"""
