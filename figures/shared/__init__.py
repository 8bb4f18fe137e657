"""What several figures share: loops, panels, laws."""
