{ writeShellScriptBin, greeting }: writeShellScriptBin "tool" "echo ${greeting}"
