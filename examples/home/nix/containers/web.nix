# Written by floe from containers/web.ts; edit that file and run "floe synth".
{ modulesPath, ... }:

{
  _file = "containers/web.ts";

  imports = [
    (modulesPath + "/virtualisation/lxc-container.nix")
    ../modules/motd.nix
    ../../modules/site.nix
  ];

  environment.etc."site/index.html".text = ''
    <!doctype html>
    <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>Hello from floe</title>
      <style>
        body { margin: 20vh auto; max-width: 32em; padding: 0 1em; font: 1.1em/1.6 system-ui, sans-serif; color: #1c2733; background: #f4f8fb }
        @media (prefers-color-scheme: dark) { body { color: #dde6ee; background: #10171e } }
      </style>
      <h1>Hello from floe</h1>
      <p>This is @instance@, a container that Nix built from <code>containers/web.ts</code> and that Incus runs.</p>
    </html>
  '';

  services.httpd.cgi."index.cgi" = ''
    printf 'Content-Type: text/html; charset=utf-8\r\n\r\n'
    sed "s/@instance@/$(hostname)/" /etc/site/index.html
  '';
}
