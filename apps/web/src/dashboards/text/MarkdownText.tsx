import { type MarkdownBlock, parseMarkdown, parseSpans } from "./markdown.ts";
import { safeLink } from "./safe-link.ts";

export function MarkdownText({ source }: { readonly source: string }) {
  // Blocks have no identity of their own: their order is all there is.
  return parseMarkdown(source).map((block, index) => <Block key={index} block={block} />);
}

function Block({ block }: { readonly block: MarkdownBlock }) {
  switch (block.kind) {
    case "heading": {
      // A panel's title is a third-level heading: what stands inside of it lies below.
      const Heading = `h${Math.min(6, block.level + 3)}` as "h4" | "h5" | "h6";
      return (
        <Heading data-level={block.level}>
          <Spans text={block.text} />
        </Heading>
      );
    }
    case "paragraph":
      return (
        <p>
          <Spans text={block.text} />
        </p>
      );
    case "quote":
      return (
        <blockquote>
          <Spans text={block.text} />
        </blockquote>
      );
    case "code":
      return <pre>{block.text}</pre>;
    case "rule":
      return <hr />;
    case "list":
      return <List ordered={block.ordered} items={block.items} />;
    case "table":
      return <Table head={block.head} rows={block.rows} />;
  }
}

function List({ ordered, items }: { readonly ordered: boolean; readonly items: readonly string[] }) {
  const entries = items.map((item, index) => (
    <li key={index}>
      <Spans text={item} />
    </li>
  ));
  return ordered ? <ol>{entries}</ol> : <ul>{entries}</ul>;
}

function Table({ head, rows }: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }) {
  return (
    <table>
      <thead>
        <tr>
          {head.map((cell, index) => (
            <th key={index}>
              <Spans text={cell} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, column) => (
              <td key={column}>
                <Spans text={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Spans({ text }: { readonly text: string }) {
  return parseSpans(text).map((span, index) => {
    switch (span.kind) {
      case "text":
        return span.text;
      case "strong":
        return <strong key={index}>{span.text}</strong>;
      case "emphasis":
        return <em key={index}>{span.text}</em>;
      case "code":
        return <code key={index}>{span.text}</code>;
      case "link": {
        const address = safeLink(span.address);
        return address === null ? (
          span.text
        ) : (
          <a key={index} href={address} target="_blank" rel="noreferrer noopener">
            {span.text}
          </a>
        );
      }
    }
  });
}
