"""The dialogue: decide, guard, act, answer, ground."""
