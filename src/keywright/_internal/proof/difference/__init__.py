"""What two policies differ in, and what one policy says, for people."""
