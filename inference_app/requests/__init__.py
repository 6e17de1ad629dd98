"""What requests of every dialect share: bodies, images, limits. All of it is checked before a package is chosen."""
