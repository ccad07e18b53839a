"""The commands of `digit-duel`. Each is a module that adds its options, calls the library and prints."""
