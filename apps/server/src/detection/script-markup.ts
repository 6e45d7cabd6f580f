/** Recognises texts that would run a script if they were shown as markup. */
import { bothEnds, plainText } from "./plain-text.ts";

/** Of what is longer, the middle is left out: the patterns look ahead from every `<`. */
const inspectedSizes = { head: 3_072, tail: 1_024 };

const tag =
  /<[\s/]*(?:script|iframe|frame|frameset|object|embed|applet|svg|img|body|link|meta|style|base|form|video|audio|math)\b/;
/** Events by the beginnings of their names; "once" and "only" begin none. */
const handler = String.raw`on(?:abort|after|animat|auxclick|before|begin|blur|cancel|canplay|change|click|close|context|copy|cue|cut|dblclick|drag|drop|ended|error|finish|focus|form|hash|input|invalid|key|load|message|mouse|page|paste|play|pointer|pop|progress|reset|resize|scroll|search|seek|select|show|start|storage|submit|suspend|time|toggle|touch|transition|unload|volume|waiting|webkit|wheel)[a-z]{0,24}\s*=`;
const handlerInTag = new RegExp(String.raw`<[a-z][^>]{0,512}?[\s/"']${handler}`);
/** Ends an attribute and begins one, or stands where one begins. */
const handlerBehindQuote = new RegExp(
  String.raw`(?:^|["'])[\s/]{0,8}(?:(?:autofocus|autoplay|open|controls|contenteditable)[\s/]{1,8}){0,2}${handler}`,
);
/** Behind the colon stands code: a title ("JavaScript: The Good Parts") goes on in words. */
const scriptAddress =
  /(?<![a-z])(?:java|vb|live)script\s{0,8}:(?:\s{0,8}[a-z_$][\w$.]{0,60}[(=`[]|\s{0,8}\/[/*]|['"({[!~+-]|void\b)|data:text\/html\b/;
const signatures = [tag, handlerInTag, handlerBehindQuote, scriptAddress];

const entity = /&#(?:x([\da-f]{1,6})|(\d{1,7}));?|\\(?:u00|x)([\da-f]{2})/gi;

/** True when a text that will be shown to people carries markup that could run a script. */
export function hasScriptMarkup(text: string): boolean {
  if (/^[\w ]*$/.test(text)) return false;
  const plain = plainText(text).replace(entity, decode).toLowerCase();
  // Browsers leave control characters out of addresses and of some names.
  return [plain, plain.replace(/\p{Cc}+/gu, "")].some((reading) => {
    const inspected = bothEnds(reading, inspectedSizes);
    return signatures.some((signature) => signature.test(inspected));
  });
}

function decode(_entity: string, ...groups: readonly (string | undefined)[]): string {
  const [hex, decimal, escaped] = groups;
  const code = decimal === undefined ? Number.parseInt(hex ?? escaped ?? "", 16) : Number(decimal);
  return code <= 0x7f ? String.fromCharCode(code) : " ";
}
