//! Text as it stands in a page.

/// Text in which nothing is markup, in an element or in a quoted attribute.
/// Line breaks stay: where they count, the element says so.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A block of code or of a terminal, which the keyboard can scroll.
pub(super) fn block(out: &mut String, label: &str, text: &str) {
    // A line break right after the tag belongs to the tag.
    out.push_str("<pre tabindex=\"0\" role=\"region\" aria-label=\"");
    out.push_str(&escape(label));
    out.push_str("\"><code>");
    out.push_str(&escape(text.trim_end()));
    out.push_str("</code></pre>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_value_is_markup() {
        assert_eq!(
            escape("</code><script>alert('1' & \"2\")</script>"),
            "&lt;/code&gt;&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;"
        );
    }

    #[test]
    fn a_block_cannot_be_left() {
        let mut out = String::new();
        block(&mut out, "a\"b", "x</code></pre><b>");
        assert!(!out.contains("<b>"));
        assert_eq!(out.matches("</pre>").count(), 1);
        assert!(out.contains("aria-label=\"a&quot;b\""));
    }
}
