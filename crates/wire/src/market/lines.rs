//! Byte offsets of a text to its lines.

#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// Where each line starts.
    starts: Vec<usize>,
}

impl Lines {
    pub fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(offset, _)| offset + 1);
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// Of a text whose every mistake is told at one line of another.
    pub fn all_at(line: usize) -> Self {
        Self { starts: vec![0; line] }
    }

    /// From 1.
    pub fn at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }
}
