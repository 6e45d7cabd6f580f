/**
 * What SQL injections look like, for text in lower case with single blanks, in which quoted phrases were replaced by
 * `quotedPhrase`. Every repetition has a bound, so each pattern takes time in proportion to the text's length.
 *
 * Prose has all the words and signs of SQL. What it has not is a quote that ends a value and is followed by an operator
 * with something to compute: most patterns are of that form, and the others need a word that no prose has.
 */

/** Stands for `'a few words'` with nothing of SQL in it: a value, but not the end of one. */
export const quotedPhrase = "\ue000";

const close = String.raw`(?: ?\)){0,8}`;
const open = String.raw`(?: ?\(){0,8} ?`;
const valueEnd = String.raw`['"]${close} ?`;
const number = String.raw`(?<![\w.])-?\d{1,20}${close} ?`;
const join = String.raw`(?:(?:or|and|xor|having|where|when)\b|\|\||&&)`;
const prefix = String.raw`(?: ?(?:not\b|[!~(+]|-(?!-))){0,8} ?`;
const literal = String.raw`(?:'[^']{0,80}'?|"[^"]{0,80}"?|\d[\w.]{0,40}|(?:null|true|false)\b|@@?\w{1,40}|${quotedPhrase})`;
const word = String.raw`[a-z_][\w.]{0,60}`;
/** One letter with blanks around its operator is mathematics. */
const longWord = String.raw`[a-z_][\w.]{1,60}`;
const compare = "(?:<=>|<>|!=|>=|<=|=|<|>)";
const comment = String.raw`(?:--|#|\/\*)`;
const select = String.raw`(?<=\( ?)select\b`;
/** The bracket follows at once: "the Greens' and Left (2019)" is a title. */
const call = String.raw`(?:ascii|substr|substring|mid|left|right|length|char_length|len|char|chr|ord|hex|unhex|concat|concat_ws|count|exists|if|iif|ifnull|isnull|nullif|coalesce|cast|convert|version|user|database|current_user|schema|sleep|benchmark|pg_sleep|rand|random|elt|row|extractvalue|updatexml|load_file|md5|sha1|now|sysdate|lower|upper|instr|locate|strcmp|sqlite_version|unicode|typeof|group_concat|string_agg|randomblob|json_\w{1,30}|dbms_\w{1,30}\.\w{1,40}|utl_\w{1,30}\.\w{1,40})\(`;

/** Something that is true, false, or computed; words alone are not. */
const claim = [
  `${literal}${close} ?${compare}${open}(?:${literal}|${call}|${select})`,
  `${longWord}${close} ?${compare}${open}${literal}`,
  String.raw`(?:${literal}|${word})${close}${compare}\({0,8}(?:${literal}|${word})`,
  String.raw`(?:${literal}|${word}) (?:not )?(?:(?:r?like|regexp|glob) ?['"%${quotedPhrase}]|(?:in|r?like|regexp) ?\( ?(?:['"\d${quotedPhrase}]|select)|is (?:not )?null)`,
  `${literal} (?:not )?between ${literal} and`,
  String.raw`case (?:when|\w{1,40} when)\b`,
  call,
  String.raw`exists ?[()]`,
  select,
].join("|");

const truth = String.raw`(?:or|xor|\|\|)${prefix}(?:(?:true|1)${close} ?(?:;|$)|${literal}${close} ?(?:--|#|;|\/\*|limit \d))`;
/** Operators that a value may stand on either side of. */
const operator = String.raw`(?:\|\||&&|[-+*\/^&|,%]|${compare}|(?:or|and|xor|in|r?like|regexp|div|mod)\b)`;
const distinct = String.raw`(?:(?:all|distinct|distinctrow)(?: ?\({1,8} ?| ))?`;
const union = String.raw`(?<![a-z_])union(?: ?\({1,8} ?| )${distinct}select\b`;

const outOfQuotes: readonly string[] = [
  `${valueEnd}${join}${prefix}(?:${claim})`,
  valueEnd + truth,
  // A hash before a word is a number sign, a colour or a topic; dashes between digits are a range.
  String.raw`${valueEnd};? ?(?:--(?! ?\d)|#(?!\w| ?\d|['"])|\/\*)`,
  String.raw`${valueEnd}(?:order|group) by \d{1,9}(?: ?, ?\d{1,9}){0,40} ?(?:asc ?|desc ?)?(?:${comment}|;|\)|$|limit)`,
  String.raw`${valueEnd}(?:order|group) by [\w.]{1,60} ?(?:${comment}|;|having )`,
  String.raw`${valueEnd}limit \d{1,9} ?(?:,|offset|into|procedure|${comment})`,
  String.raw`${valueEnd}; ?(?:select|exec|execute|declare|shutdown)\b`,
  `${valueEnd}${operator}${open}(?:${select}|${call})`,
  String.raw`${valueEnd}\|\| ?(?:['"${quotedPhrase}]|[\w.()]{1,60} ?\|\|)`,
  String.raw`['"] ?(?:or|and|xor|\|\||&&) ?(?:''|""|['"]$|['"]\d{1,20} ?=)`,
  String.raw`${valueEnd}\|\| ?[a-z_][\w.]{2,60}\(`,
  String.raw`${valueEnd}\( ?select (?:top \d|[*@'"(])`,
  // The whole value is an operator between two quotes.
  String.raw`^\w{0,20}(['"]) ?(?:[-+*^&|%\/]|\|\||&&|${compare}) ?\1\w{0,20}$`,
];

/** A value that goes on with a statement which has begun before it, and conditions that say nothing about the world. */
const withoutQuotes: readonly string[] = [
  String.raw`^\)? ?(?:or|and|xor|having|where|\|\||&&)${prefix}(?:${claim})`,
  String.raw`^or (?:true|1) ?(?:${comment}|;)`,
  String.raw`^(?:order|group) by \d{1,9} ?${comment}`,
  String.raw`^(?:like ['"]%|\|\| ?(?:['"]|\w{1,40}[.(]))`,
  String.raw`\b(?:or|and|xor|having|where)${open}\d{1,20}=\d`,
  String.raw`\b(?:or|and|xor|having|where)${open}(['"])[^'"]{0,40}\1(?:=| like )\(?['"]`,
  String.raw`(?:\b(?:or|and|xor|having|where|r?like|regexp|in)|=)${open}${select} ?(?:[*@'"(]|\d{1,9} ?[,)]|case\b|${call})`,
  String.raw`\bif ?\( ?\d{1,20} ?= ?\d{1,20} ?[,)]`,
];

const outOfNumbers: readonly string[] = [
  String.raw`${number}(?:or|and|xor|\|\||&&)${open}(?:\d{1,20}${compare}\d|(\d{1,20}) ?= ?\1(?!\d)|${select}|${call})`,
  String.raw`${number}[-+*\/^%|](?: ?\(){1,8} ?${select}`,
  String.raw`${number}(?:order|group) by [\w.]{1,60} ?(?:--|#|;)`,
];

const unions: readonly string[] = [
  String.raw`['"\d)${quotedPhrase}] ?${union}`,
  String.raw`${union} ?(?:$|[*@'"~+${quotedPhrase}-]|\((?!\d{4}\))|null\b|(?:distinct|all|top|case)\b|\d{1,9} ?(?:,|from|${comment}|;|\)|$)|[\w.]{1,40} ?(?:,|\(|from\b|${comment}|;))`,
  String.raw`(?<![a-z_])union (?:all )?values ?\(`,
];

/** Behind a semicolon, or without one behind the quote that ends a value. */
const statements: readonly string[] = [
  "(?:drop|alter|create|truncate) (?:table|database|view|index|user|schema|trigger|function|procedure|login|role)\\b",
  "delete from\\b",
  "(?:insert|replace|merge|vacuum) into\\b",
  String.raw`update [\w."\[\]]{1,80} set\b`,
  String.raw`exec(?:ute)?(?: immediate)? ?(?:\(|xp_|sp_|master\b|@|'|${quotedPhrase})`,
  "set @",
  String.raw`shutdown ?(?:--|;|with nowait)`,
  String.raw`attach database\b`,
  String.raw`pragma \w{1,40} ?[(=;]`,
  String.raw`grant (?:all|select|execute|connect|resource|dba)\b.{0,80} to `,
  String.raw`copy [\w.]{1,60} (?:from|to) (?:program\b|')`,
  "load data (?:local )?infile\\b",
  String.raw`call [\w.]{1,60}\(`,
];
const stacked: readonly string[] = [
  ...statements.flatMap((statement) => [`; ?${statement}`, valueEnd + statement]),
  String.raw`; ?select ?(?:[*@'"(]|\d{1,9} ?(?:--|,|;|$)|\w{1,40}\()`,
];

const delay = "(?:sleep|benchmark)";
/** `sleep(2).pdf` is the name that programs give to a second copy. */
const delays: readonly string[] = [
  String.raw`(?:^|[-+*\/%^|&=<>!(,;'"]|\d |\b(?:and|or|xor|not|select|if|when|then|by|where|having|else|like|do|call) ?)${delay}\((?!\d{1,4}\)\.[a-z]{2,4}$)`,
  String.raw`['")\d] ?(?:and|or|xor|\|\||&&) ?${delay} \( ?['"\d]`,
  String.raw`\b(?:pg_sleep(?:_for|_until)?|randomblob) ?\(`,
  String.raw`\bwaitfor (?:delay\b|time ?['"@])`,
];

const tellTales: readonly string[] = [
  String.raw`\b(?:information_schema|sqlite_(?:master|schema|temp_master)|pg_catalog|pg_shadow|pg_authid|sysobjects|syscolumns|all_tab_columns)\b`,
  String.raw`\bmysql\.(?:user|db)(?![\w.])`,
  "@@(?:version|hostname|datadir|servername|basedir|global|session|language)\\b",
  String.raw`\b(?:load_file|load_extension|extractvalue|updatexml|pg_read_file|lo_import|lo_export|query_to_xml|dblink_connect)\(`,
  String.raw`\b(?:dbms_(?:pipe|lock|session|xmlgen|ldap|scheduler)|utl_(?:http|inaddr|file|smtp|tcp))\.\w`,
  String.raw`\b(?:xp_(?:cmdshell|dirtree|regread|fileexist)|sp_(?:oacreate|executesql|configure))\b`,
  String.raw`\b(?:declare @\w{1,60} [a-z]|select @{1,2}\w)`,
  String.raw`\bexec(?:ute)? (?:sp_|xp_|master\.\.)`,
  String.raw`\binto (?:out|dump)file ?['"(@0]`,
  String.raw`\bprocedure analyse ?\(`,
];

/** Marks of an injection in any value. */
export const sqlSignatures = patterns([
  ...outOfQuotes,
  ...outOfNumbers,
  ...withoutQuotes,
  ...unions,
  ...stacked,
  ...delays,
  ...tellTales,
]);

/** Marks of one where nothing but a number belongs; elsewhere they are harmless ("2 or 3 = few"). */
export const sqlSignaturesInNumber = patterns([
  String.raw`^\(? ?select\b`,
  ...[
    `${join}${prefix}(?:${literal}|${claim})`,
    String.raw`(?:order by|group by|limit|between|r?like|regexp|div|mod)(?: |\()`,
    String.raw`in ?\(`,
    String.raw`${operator}${open}(?:${select}|${call}|case\b)`,
    String.raw`${comment} ?[-+]?$`,
  ].map((rest) => String.raw`^[-(]{0,4}\d[\w.]{0,40}${close} ?${rest}`),
]);

function patterns(sources: readonly string[]): readonly RegExp[] {
  return sources.map((source) => new RegExp(source));
}
