"""The dialects: one folder for each way to ask for the same inference, with the same files in each.

urls          its addresses
views         parse and answer; plain functions of Django, for every address that runs a model
requests      what clients send, read into one frozen object and checked, before a package is chosen or loaded
answers       what clients read, made of the neutral answer: boxes as corners, in pixels (see `backends.predictions`)
description   its addresses in the API's description
errors        the form of its errors, where that is not everybody's
unsupported   addresses that its clients know and this server does not answer, where there are any

What dialects share is in `inference_app.requests`; a dialect imports no other.
"""
