"""Files in and out: one module per format.  Nothing here touches the store."""
