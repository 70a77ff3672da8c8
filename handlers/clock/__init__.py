"""What is due and when: asked by the ticker, decided from what is stored."""
