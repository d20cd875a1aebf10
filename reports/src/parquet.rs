//! Figures and series as Parquet files, for data frames: typed columns, nulls where nothing was
//! observed.
//!
//! The same tables as [`crate::csv`]; built with the feature `parquet` alone, since the format's
//! crate and what it needs take longer to compile than all else here. Uncompressed: the tables are
//! small, and compressors are yet more crates.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use sim_core::results::{Results, Series};

/// A column of a table.
enum Column {
    Text(Vec<String>),
    /// Not-a-number is null.
    Numbers(Vec<f64>),
}

/// All files, by name: `figures.parquet` and one a series, named as [`crate::csv::all_series`] does.
///
/// # Errors
///
/// What the format's writer complains of; it has no reason to.
pub fn files(results: &Results) -> Result<Vec<(String, Vec<u8>)>, ParquetError> {
    let mut files = vec![("figures.parquet".to_owned(), figures(results)?)];
    for ((name, _), one) in crate::csv::all_series(results).into_iter().zip(&results.series) {
        files.push((name.replace(".csv", ".parquet"), series(one)?));
    }
    Ok(files)
}

/// The tidy table of figures: kind, subject, metric, value, low, high, unit.
fn figures(results: &Results) -> Result<Vec<u8>, ParquetError> {
    let text = |of: fn(&sim_core::results::Metric) -> &String| {
        Column::Text(results.metrics.iter().map(|metric| of(metric).clone()).collect())
    };
    let number = |of: fn(&sim_core::results::Metric) -> Option<f64>| {
        Column::Numbers(results.metrics.iter().map(|metric| of(metric).unwrap_or(f64::NAN)).collect())
    };
    file(&[
        ("kind", text(|metric| &metric.kind)),
        ("subject", text(|metric| &metric.subject)),
        ("metric", text(|metric| &metric.name)),
        ("value", number(|metric| Some(metric.value))),
        ("low", number(|metric| metric.low)),
        ("high", number(|metric| metric.high)),
        ("unit", text(|metric| &metric.unit)),
    ])
}

/// One series: t_s, the subject unless it is the run, the columns.
fn series(series: &Series) -> Result<Vec<u8>, ParquetError> {
    let all = |of: &dyn Fn(usize) -> Vec<f64>| Column::Numbers((0..series.groups.len()).flat_map(of).collect());
    let mut columns = vec![("t_s", all(&|group| series.groups[group].t_s.clone()))];
    if series.kind != "run" {
        let subjects = series.groups.iter().flat_map(|group| vec![group.subject.clone(); group.t_s.len()]);
        columns.push((&series.kind, Column::Text(subjects.collect())));
    }
    for (at, column) in series.columns.iter().enumerate() {
        columns.push((&column.name, all(&|group| series.groups[group].values[at].clone())));
    }
    file(&columns)
}

fn file(columns: &[(&str, Column)]) -> Result<Vec<u8>, ParquetError> {
    let fields: Vec<TypePtr> = columns.iter().map(|(name, column)| field(name, column)).collect::<Result<_, _>>()?;
    let schema = Arc::new(Type::group_type_builder("table").with_fields(fields).build()?);
    let properties = Arc::new(WriterProperties::builder().set_created_by("gameday".to_owned()).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties)?;
    let mut rows = writer.next_row_group()?;
    for (_, column) in columns {
        let mut target = rows.next_column()?.ok_or_else(|| ParquetError::General("a column too many".to_owned()))?;
        match column {
            Column::Text(cells) => {
                let cells: Vec<ByteArray> = cells.iter().map(|cell| ByteArray::from(cell.as_str())).collect();
                target.typed::<ByteArrayType>().write_batch(&cells, None, None)?;
            }
            Column::Numbers(cells) => {
                let levels: Vec<i16> = cells.iter().map(|cell| i16::from(!cell.is_nan())).collect();
                let known: Vec<f64> = cells.iter().copied().filter(|cell| !cell.is_nan()).collect();
                target.typed::<DoubleType>().write_batch(&known, Some(&levels), None)?;
            }
        }
        target.close()?;
    }
    rows.close()?;
    writer.into_inner()
}

fn field(name: &str, column: &Column) -> Result<TypePtr, ParquetError> {
    let field = match column {
        Column::Text(_) => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::String)),
        Column::Numbers(_) => {
            Type::primitive_type_builder(name, Physical::DOUBLE).with_repetition(Repetition::OPTIONAL)
        }
    };
    field.build().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::*;
    use crate::sample;

    #[test]
    fn what_was_written_reads_back() {
        let results = sample::outage();
        let all = files(&results).expect("written to memory");
        assert_eq!(all.len(), 1 + results.series.len());
        let rows = |name: &str| {
            let (_, bytes) = all.iter().find(|(file, _)| file == name).expect("such a file");
            let reader = SerializedFileReader::new(bytes::Bytes::from(bytes.clone())).expect("a Parquet file");
            let rows: Vec<Vec<Field>> = reader
                .get_row_iter(None)
                .expect("rows")
                .map(|row| row.expect("a row").get_column_iter().map(|(_, field)| field.clone()).collect())
                .collect();
            rows
        };
        let figures = rows("figures.parquet");
        assert_eq!(figures.len(), results.metrics.len());
        for (row, metric) in figures.iter().zip(&results.metrics) {
            assert_eq!((&row[1], &row[3]), (&Field::Str(metric.subject.clone()), &Field::Double(metric.value)));
            assert_eq!(row[4], metric.low.map_or(Field::Null, Field::Double));
        }
        let latency = rows("service_latency.parquet");
        assert_eq!(latency.len(), 3 * 180);
        let gaps = latency.iter().filter(|row| row[4] == Field::Null).count();
        assert_eq!(gaps, 30, "payments answered nothing during the outage");
        assert_eq!(files(&results).expect("again"), all);
    }
}
