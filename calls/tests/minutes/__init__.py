"""What calls on the media server cost."""
