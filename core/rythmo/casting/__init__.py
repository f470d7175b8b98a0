"""Who somebody is from one film to the next: cast files, consent, references, voices told apart."""
