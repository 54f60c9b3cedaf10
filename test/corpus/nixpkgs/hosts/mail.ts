import { host, nix, text } from "floe";
import { server } from "../modules/server.ts";

export default host(({ config, domain }) => ({
  imports: [server],
  networking: { hostName: "mail", firewall: { allowedTCPPorts: [25, 587, 993] } },
  services: {
    postfix: {
      enable: true,
      domain,
      origin: domain,
      hostname: `${config.networking.hostName}.${config.networking.domain}`,
      destination: [`${domain}`, "localhost"],
      config: { smtpd_tls_security_level: "may", message_size_limit: nix.toString(50 * 1024 * 1024) },
      submissionOptions: { smtpd_sasl_auth_enable: "yes" },
      enableSubmission: true,
      virtual: `postmaster@${domain} me\n`,
    },
    dovecot2: {
      enable: true,
      mailLocation: "maildir:~/mail",
      extraConfig: text`
        service auth {
          unix_listener /var/lib/postfix/queue/private/auth {
            mode = 0660
            user = \${POSTFIX}
          }
        }
      `,
    },
    rspamd: { enable: true, postfix: { enable: true }, locals: { "actions.conf": { text: "reject = 15;\n" } } },
  },
}));
