{ environment.etc.spaced.text = "from a folder with a space"; }
