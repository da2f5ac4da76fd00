"""Keys that exist, into a keys file that changes nothing of them; their owners; and letting them go again."""
