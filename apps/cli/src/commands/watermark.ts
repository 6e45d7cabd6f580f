import { Command, Option } from "@commander-js/extra-typings";
import { watermarkMethods } from "@tatou/server";
import { problemText } from "../problem-text.ts";
import { embedMark, exploreFile, extractMark, listMethods } from "./watermark-actions.ts";
import { WatermarkCommandError, watermarkExitCodes } from "./watermark-errors.ts";
import { readKey, readSecretAndKey } from "./watermark-texts.ts";

const methodDefault = "layered";

const groupHelp = `
Exit codes:
  0  done
  2  the command was not understood
  3  no mark of this method is in the file
  4  a mark is there and does not open with this key
  5  anything else, such as a file that cannot be read`;

/** `tatou watermark`: the watermarking methods of the platform, on files and without a server. */
export function watermarkCommand() {
  return new Command("watermark")
    .addHelpText("after", groupHelp)
    .addCommand(methodsCommand())
    .addCommand(exploreCommand())
    .addCommand(embedCommand())
    .addCommand(extractCommand());
}

function methodsCommand() {
  return new Command("methods")
    .description("list the methods, and what each survives")
    .option("--json", "print JSON, as the platform's API does")
    .action(({ json }) => listMethods(json === true));
}

function exploreCommand() {
  return new Command("explore")
    .description("print the pages and objects of a PDF file as a tree in JSON")
    .argument("<file>", "the PDF file")
    .action((file, _options, command) => finish(command, () => exploreFile(file)));
}

function embedCommand() {
  return new Command("embed")
    .description("hide a secret in a copy of a PDF file")
    .argument("<file>", "the PDF file; stays as it is")
    .option("-o, --output <path>", "where the marked copy goes; - or nothing is standard output")
    .option("--force", "replace the output file when it exists")
    .addOption(methodOption())
    .option("--secret <text>", "what to hide, such as whom the copy is for")
    .option("--secret-file <path>", "holds the secret; - is standard input")
    .option("--secret-prompt", "ask for the secret")
    .option(...keyOption)
    .option(...keyFileOption)
    .option(...keyPromptOption)
    .option("--position <place>", "where to put it, for methods with a choice")
    .option("--json", "print what was made as JSON; needs --output")
    .action((file, options, command) =>
      finish(command, async () => {
        const asJson = options.json === true;
        const output = chosenOutput(options.output, asJson);
        const { secret, key } = await readSecretAndKey(options);
        const request = { method: options.method, secret, key, position: options.position ?? null };
        await embedMark({ file, output, mayReplace: options.force === true, asJson, request });
      }),
    );
}

function extractCommand() {
  return new Command("extract")
    .description("read the secret out of a marked copy")
    .argument("<file>", "the marked PDF file")
    .addOption(methodOption())
    .option(...keyOption)
    .option(...keyFileOption)
    .option(...keyPromptOption)
    .option("--position <place>", "as given to embed, for methods with a choice")
    .option("--json", "print the secret as JSON")
    .action((file, options, command) =>
      finish(command, async () => {
        const key = await readKey(options);
        const request = { method: options.method, key, position: options.position ?? null };
        await extractMark({ file, asJson: options.json === true, request });
      }),
    );
}

const keyOption = ["--key <text>", "the key itself; seen by everybody who lists processes"] as const;
const keyFileOption = ["--key-file <path>", "holds the key; - is standard input"] as const;
const keyPromptOption = ["--key-prompt", "ask for the key, as without any of these on a terminal"] as const;

function methodOption() {
  return new Option("--method <name>", "how the secret is hidden")
    .choices([...watermarkMethods.keys()])
    .default(methodDefault);
}

/** A path, or null for standard output. */
function chosenOutput(output: string | undefined, asJson: boolean): string | null {
  if (output !== undefined && output !== "-") return output;
  if (asJson || process.stdout.isTTY) {
    const reason = asJson ? "standard output is for the JSON" : "a terminal cannot show a PDF file";
    throw new WatermarkCommandError("usage", {
      message: `Cannot write the copy to standard output: ${reason}`,
      hint: "Name a file with --output",
    });
  }
  return null;
}

interface EndingCommand {
  error(message: string, options: { readonly exitCode: number }): never;
}

/** A failure ends with its exit code; a command that was used wrongly also says where its help is. */
async function finish(command: EndingCommand, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const exitCode = error instanceof WatermarkCommandError ? error.exitCode : watermarkExitCodes.other;
    if (exitCode === watermarkExitCodes.usage) command.error(`error: ${problemText(error)}`, { exitCode });
    process.stderr.write(`${problemText(error)}\n`);
    process.exitCode = exitCode;
  }
}
