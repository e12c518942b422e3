/** Someone who looks at the dashboard, by a browser without script. */

type App = { readonly request: (url: string, init?: RequestInit) => Response | Promise<Response> };

export type Shown = {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** The path of the page, after redirects. */
  readonly path: string;
};

const unescaped = (text: string): string =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

const attributeOf = (tag: string, name: string): string | undefined => {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`).exec(tag) ?? [];
  return value === undefined ? undefined : unescaped(value);
};

/** The fields of the form with this action, as they are filled in when the page is opened. */
export const fieldsOf = ({ html }: Shown, action: string): Record<string, string> => {
  const forms = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => form);
  const form = forms.find((each) => attributeOf(each, "action") === action);
  if (!form) throw new Error(`The page has no form of ${action}:\n${html}`);
  const inputs = [...form.matchAll(/<input\b[^>]*>/g)].map(([input]) => input);
  return Object.fromEntries(
    inputs
      .filter((input) => attributeOf(input, "type") !== "checkbox" || / checked/.test(input))
      .map((input) => [attributeOf(input, "name") ?? "", attributeOf(input, "value") ?? ""]),
  );
};

/** Returns what a page says, without its tags. */
export const textOf = (html: string): string =>
  unescaped(html.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ");

/** Opens the dashboard of an app. Nobody is signed in yet. */
export const viewerOf = (app: App, origin = "http://localhost") => {
  const cookies = new Map<string, string>();
  /** What the last answer told the browser to keep. */
  let kept: readonly string[] = [];

  const keep = ({ headers }: Response): void => {
    kept = headers.getSetCookie();
    for (const each of kept) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      if (/Max-Age=0/.test(each)) cookies.delete(name);
      else cookies.set(name, value);
    }
  };
  const ask = async (path: string, init: RequestInit = {}): Promise<Shown> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(cookie !== "" && { cookie }), ...init.headers };
    const response = await app.request(new URL(path, origin).href, { ...init, headers });
    keep(response);
    return {
      status: response.status,
      headers: response.headers,
      html: await response.text(),
      path,
    };
  };
  const follow = async (shown: Shown): Promise<Shown> => {
    const location = shown.headers.get("location");
    return location === null ? shown : follow(await ask(location));
  };
  const post = (path: string, fields: Record<string, string>, headers: object = { origin }) => {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(fields).toString();
    return ask(path, { method: "POST", body, headers: { ...type, ...headers } });
  };
  const get = async (path: string): Promise<Shown> => follow(await ask(path));

  return {
    /** The cookies that the browser holds, by name, and may be changed. */
    cookies,
    kept: () => kept,
    /** Sends a request, and follows no redirect. */
    ask,
    post,
    get,
    /** Sends the form with this action, filled in like this, and follows where it leads. */
    send: async (page: Shown, action: string, fields: Record<string, string> = {}) =>
      follow(await post(action, { ...fieldsOf(page, action), ...fields })),
    signIn: async (key: string): Promise<Shown> => {
      const page = await get("/dashboard/sign-in");
      const fields = { ...fieldsOf(page, "/dashboard/sign-in"), key };
      return follow(await post("/dashboard/sign-in", fields));
    },
  };
};
export type Viewer = ReturnType<typeof viewerOf>;
