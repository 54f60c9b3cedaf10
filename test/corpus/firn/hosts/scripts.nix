{ config, pkgs, ... }:
{
  systemd.services.backup = {
    path = [ pkgs.bash ];
    preStart = ''
      mkdir -p /var/backup
    '';
    serviceConfig = {
      Type = "oneshot";
      User = "nobody";
      StateDirectory = "backup";
    };
    script = ''
      set -eu
      for n in $(seq 3); do
        if [ -e "''${STATE_DIRECTORY:-/tmp}/stop" ]; then
          exit 0
        fi
        echo "on ${config.networking.hostName}" | sed 's/\./\\n/g; s/'"'"'//' >> log-$n.txt # costs $$5
      done
      echo `date` '''quoted''' "$'''{not}" \\ \t $

      exec ${pkgs.hello}/bin/hello
    '';
  };

  environment.etc = {
    "app.conf".text = ''
        indented = first
      [section]
        key = "${pkgs.hello.name}"
    '';
    oneline.text = "echo \"no line break\" \${HOME}";
    plain.text = "\n  kept as it is\n";
    nested.text = ''
      line 1
      line 2
      end
    '';
  };
}
