/** Where a request was sent to, and the page that sent it, as its headers say. */
type Named = { readonly host?: string | undefined; readonly origin?: string | undefined };

const ownNames = ["127.0.0.1", "localhost", "[::1]"] as const;
/** What a URL of plain http leaves out. */
const defaultPort = 80;

/**
 * Returns why a request to the local server is refused; nothing if it is not. A page that a browser
 * shows can send requests here, under a name of its own that it has bound to 127.0.0.1 (DNS
 * rebinding) or across origins. Its browser says so in `Host` or in `Origin`.
 */
export const foreignReason = (
  { host, origin }: Named,
  port: number | undefined,
): string | undefined => {
  const ownHosts = ownNames.flatMap((name) =>
    port === defaultPort ? [name, `${name}:${port}`] : [`${name}:${port}`],
  );
  if (!ownHosts.includes(host?.toLowerCase() ?? ""))
    return `This server answers only requests whose Host is one of ${ownHosts.join(", ")}.`;
  if (origin !== undefined && !ownHosts.some((own) => origin.toLowerCase() === `http://${own}`))
    return "This server answers no page of another origin.";
  return undefined;
};
