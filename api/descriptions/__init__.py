"""What the service says of its data to machines: VoID and DCAT-AP.de."""
