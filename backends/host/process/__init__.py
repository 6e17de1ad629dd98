"""The host as a process: started, watched, blamed when it crashes, measured."""
