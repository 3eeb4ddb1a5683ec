"""What is generally known of names in the world's languages. Each table says where it comes from."""
