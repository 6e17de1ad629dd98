"""Programs that detection runs in processes of their own.

Each loads one native library, prints one JSON document and ends. A driver that hangs or crashes then takes
its own process with it and nothing else. They import only the standard library and what they ask.
"""
