"""What holds whatever people choose: any rule of choice among K."""
