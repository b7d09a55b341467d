//! What is wrong with a file as text. The lowering finds it; these rules give it a name, a severity and a repair.

mod problems;
mod trees;

rules! { "syntax":
    syntax "syntax" Error on,
    lost_continuation "lost-continuation" Error on,
    template_leftover "template-leftover" Error on,
    unknown_instruction "unknown-instruction" Error on,
}

#[cfg(test)]
mod tests;
