"""The native API, below `/api/v1/`: inference on images, and questions about models, machines and packages.

What only reads is made of views of Django REST framework, which describe themselves by `serializers`.
"""
