"""What programs in Python import: keys declared with their mistakes refused at once, policies proved, AWS changed."""
