"""What the shop knows of a person's taste: shown in plain words, edited, forgotten, exported, switched off."""
