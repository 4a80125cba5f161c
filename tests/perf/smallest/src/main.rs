//! The smallest ratatui program: one paragraph, and a key ends it.

fn main() -> std::io::Result<()> {
    let mut terminal = ratatui::try_init()?;
    terminal.draw(|frame| frame.render_widget("smallest", frame.area()))?;
    crossterm::event::read()?;
    ratatui::try_restore()
}
