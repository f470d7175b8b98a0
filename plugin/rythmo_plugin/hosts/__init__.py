"""What editing programs are asked to do: decided here, executed by small scripts there."""
