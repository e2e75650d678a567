//! The parsed tree to predicates. The tree is shallow: see `guard`.

use std::{collections::BTreeSet, sync::Arc};

use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators},
};
use exchange::{
    attribute::Attribute,
    filter::{Comparison, Predicate, ValueSet},
    schema::{Field, FieldIndex, FieldType},
};

use super::{
    Terms, UNDERSTOOD,
    literal::{Literal, compared, entry, prefix},
};
use crate::market::{
    nearest::{suggestion, suggestion_or_add},
    problem::{Wrong, quoted},
};

pub(super) struct Compiler<'a> {
    pub terms: Terms<'a>,
    pub wrong: Vec<Wrong>,
}

const COMPARISONS: [(&str, Comparison, Comparison); 6] = [
    (operators::EQUALS, Comparison::Equal, Comparison::Equal),
    (operators::NOT_EQUALS, Comparison::NotEqual, Comparison::NotEqual),
    (operators::LESS, Comparison::Less, Comparison::More),
    (operators::LESS_EQUALS, Comparison::AtMost, Comparison::AtLeast),
    (operators::GREATER, Comparison::More, Comparison::Less),
    (operators::GREATER_EQUALS, Comparison::AtLeast, Comparison::AtMost),
];

impl<'a> Compiler<'a> {
    /// None where something is wrong, which is told by then.
    pub fn predicate(&mut self, tree: &IdedExpr) -> Option<Predicate> {
        match &tree.expr {
            Expr::Call(call) => self.call(call),
            Expr::Ident(name) => self.flag(name),
            Expr::Literal(LiteralValue::Boolean(yes)) => Some(Predicate::Always(*yes.inner())),
            _ => self.fail("has a part that is neither true nor false", UNDERSTOOD),
        }
    }

    fn call(&mut self, call: &CallExpr) -> Option<Predicate> {
        let name = call.func_name.as_str();
        if let Some((_, as_written, turned)) = COMPARISONS.iter().find(|(symbol, ..)| *symbol == name) {
            return self.comparison(*as_written, *turned, call);
        }
        match (name, call.target.as_deref(), call.args.as_slice()) {
            (operators::LOGICAL_AND, None, [left, right]) => Some(Predicate::All(self.both(left, right, true)?)),
            (operators::LOGICAL_OR, None, [left, right]) => Some(Predicate::Any(self.both(left, right, false)?)),
            (operators::LOGICAL_NOT, None, [inner]) => Some(Predicate::Not(Box::new(self.predicate(inner)?))),
            (operators::IN, None, [value, set]) => self.membership(value, set),
            (operators::HAS, None, [field]) => {
                let index = self.field_of(field)?;
                Some(Predicate::Has(index))
            }
            ("startsWith", Some(field), [text]) => self.starts_with(field, text),
            _ => self.fail(format!("calls `{name}`, which isn't understood here"), UNDERSTOOD),
        }
    }

    /// Both sides, with a side that is itself of this kind taken apart, so that reasons name single clauses.
    fn both(&mut self, left: &IdedExpr, right: &IdedExpr, and: bool) -> Option<Vec<Predicate>> {
        let (left, right) = (self.predicate(left), self.predicate(right));
        let parts = |side| match side {
            Predicate::All(parts) if and => parts,
            Predicate::Any(parts) if !and => parts,
            other => vec![other],
        };
        Some(parts(left?).into_iter().chain(parts(right?)).collect())
    }

    /// A field that stands alone must be a boolean.
    fn flag(&mut self, name: &str) -> Option<Predicate> {
        let index = self.field(name)?;
        let field = self.shown(index);
        if field.kind == FieldType::Boolean {
            return Some(Predicate::Compare(index, Comparison::Equal, Attribute::Boolean(true)));
        }
        let what = format!("takes `{name}` for true or false, but its type is {}", field.kind.word());
        self.fail(what, "compare it with something")
    }

    fn comparison(&mut self, as_written: Comparison, turned: Comparison, call: &CallExpr) -> Option<Predicate> {
        let [left, right] = call.args.as_slice() else { return None };
        let (field, comparison, literal) = match (&left.expr, &right.expr) {
            (Expr::Ident(name), Expr::Ident(other)) => {
                return self.fail(format!("compares `{name}` with `{other}`"), "compare a field with a literal; texts stand in quotes");
            }
            (Expr::Ident(_), _) => (left, as_written, right),
            (_, Expr::Ident(_)) => (right, turned, left),
            _ => return self.fail("compares something that is no field", "compare a field with a literal, like `state == \"CA\"`"),
        };
        let index = self.field_of(field);
        let literal = self.literal(literal);
        let (index, literal) = (index?, literal?);
        match compared(self.shown(index), comparison, &literal, self.terms.currency) {
            Ok(attribute) => Some(Predicate::Compare(index, comparison, attribute)),
            Err(wrong) => self.fail(wrong.what, wrong.mend),
        }
    }

    fn membership(&mut self, field: &IdedExpr, set: &IdedExpr) -> Option<Predicate> {
        let index = self.field_of(field)?;
        match &set.expr {
            Expr::List(list) if list.elements.is_empty() => self.fail("looks in a list without values", "write `in [\"one\", \"two\"]`"),
            Expr::List(list) => {
                let literals: Vec<Option<Literal>> = list.elements.iter().map(|element| self.literal(element)).collect();
                let attributes: Vec<Option<Attribute>> = literals.into_iter().map(|literal| self.element(index, &literal?)).collect();
                let values: Option<BTreeSet<Attribute>> = attributes.into_iter().collect();
                Some(Predicate::In(index, ValueSet { list: None, values: Arc::new(values?) }))
            }
            Expr::Call(CallExpr { func_name, target: None, args }) if func_name == "list" => match args.as_slice() {
                [IdedExpr { expr: Expr::Literal(LiteralValue::String(name)), .. }] => self.named_list(index, name.inner()),
                _ => self.fail("calls `list` without a name", "write `in list(\"name\")`"),
            },
            _ => self.fail("looks in something that is no list", "write `in [\"one\", \"two\"]` or `in list(\"name\")`"),
        }
    }

    fn element(&mut self, index: FieldIndex, literal: &Literal) -> Option<Attribute> {
        match compared(self.shown(index), Comparison::Equal, literal, self.terms.currency) {
            Ok(attribute) => Some(attribute),
            Err(wrong) => self.fail(wrong.what, wrong.mend),
        }
    }

    fn named_list(&mut self, index: FieldIndex, name: &str) -> Option<Predicate> {
        let (vertical, currency) = (self.terms.vertical, self.terms.currency);
        let set = self.terms.lists.set(name, vertical, index, |text| entry(vertical.field(index), text, currency));
        match set {
            Some(values) => Some(Predicate::In(index, ValueSet { list: Some(name.to_owned()), values })),
            None => {
                let mend = suggestion_or_add(name, self.terms.lists.names(), &format!("lists/{name}.txt"));
                self.fail(format!("looks in the list {}, which there isn't", quoted(name)), mend)
            }
        }
    }

    fn starts_with(&mut self, field: &IdedExpr, text: &IdedExpr) -> Option<Predicate> {
        let index = self.field_of(field)?;
        let Some(Literal::Text(text)) = self.literal(text) else {
            return self.fail("calls startsWith without a text", "write `field.startsWith(\"90\")`");
        };
        match prefix(self.shown(index), &text) {
            Ok(text) => Some(Predicate::StartsWith(index, text)),
            Err(wrong) => self.fail(wrong.what, wrong.mend),
        }
    }

    fn literal(&mut self, tree: &IdedExpr) -> Option<Literal> {
        match &tree.expr {
            Expr::Literal(LiteralValue::String(text)) => Some(Literal::Text(text.inner().to_owned())),
            Expr::Literal(LiteralValue::Boolean(yes)) => Some(Literal::Boolean(*yes.inner())),
            Expr::Literal(LiteralValue::Int(number)) => Some(Literal::Number(number.inner().to_string())),
            // The shortest digits that read back as the same number are the digits as written: amounts have fewer than 16.
            Expr::Literal(LiteralValue::Double(number)) => Some(Literal::Number(number.inner().to_string())),
            Expr::Call(CallExpr { func_name, target: None, args }) if func_name == operators::NEGATE && args.len() == 1 => match self.literal(&args[0])? {
                Literal::Number(digits) => Some(Literal::Number(format!("-{digits}"))),
                Literal::Text(_) | Literal::Boolean(_) => self.fail("has a `-` before something that is no number", UNDERSTOOD),
            },
            _ => self.fail("has something other than a literal beside a field", "write a text in quotes, a number, true or false"),
        }
    }

    fn field_of(&mut self, tree: &IdedExpr) -> Option<FieldIndex> {
        match &tree.expr {
            Expr::Ident(name) => self.field(name),
            _ => self.fail("has something other than a field's name before `in`, in `has` or before `startsWith`", UNDERSTOOD),
        }
    }

    /// A field that pings show, by its own name.
    fn field(&mut self, name: &str) -> Option<FieldIndex> {
        let vertical = self.terms.vertical;
        let Some(index) = vertical.find(name) else {
            if self.terms.unsure.contains(&name.to_ascii_lowercase()) {
                return None;
            }
            let shown = vertical.fields().iter().filter(|field| field.is_shown()).map(|field| field.name.as_str());
            return self.fail(format!("uses `{name}`, which isn't a field of {}", vertical.name), suggestion(name, shown));
        };
        let field = vertical.field(index);
        if field.name != name {
            return self.fail(format!("uses `{name}`, another name of `{}`", field.name), format!("write `{}`", field.name));
        }
        if !field.is_shown() {
            return self.fail(
                format!("uses `{name}`, which no ping shows"),
                format!("filters see only what a ping shows; take it out, or give `{name}` a `ping` in verticals/{}.toml", vertical.name),
            );
        }
        Some(index)
    }

    fn shown(&self, index: FieldIndex) -> &'a Field {
        self.terms.vertical.field(index)
    }

    fn fail<T>(&mut self, what: impl Into<String>, mend: impl Into<String>) -> Option<T> {
        self.wrong.push(Wrong::new(what, mend));
        None
    }
}
