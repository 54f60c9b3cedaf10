import { host, sh, text } from "floe";

const retries = 3;

export default host(({ config, pkgs }) => ({
  systemd: {
    services: {
      backup: {
        path: [pkgs.bash],
        serviceConfig: { Type: "oneshot", User: "nobody", StateDirectory: "backup" },
        preStart: "mkdir -p /var/backup\n",
        script: sh`
          set -eu
          for n in $(seq ${retries}); do
            if [ -e "\${STATE_DIRECTORY:-/tmp}/stop" ]; then
              exit 0
            fi
            echo "on ${config.networking.hostName}" | sed 's/\./\\n/g; s/'"'"'//' >> log-$n.txt # costs $$5
          done
          echo \`date\` ''quoted'' "$''{not}" \\ \t $

          exec ${pkgs.hello}/bin/hello
        `,
      },
    },
  },
  environment: {
    etc: {
      "app.conf": {
        text: text`
            indented = first
          [section]
            key = "${pkgs.hello.name}"
        `,
      },
      oneline: { text: sh`echo "no line break" \${HOME}` },
      plain: {
        text: `
  kept as it is
`,
      },
      nested: {
        text: text`
          ${[1, 2].map((n) => `line ${n}`).join("\n")}
          end
        `,
      },
    },
  },
}));
