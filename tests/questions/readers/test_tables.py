"""Questions in CSV and XLSX: columns by their usual names, multiple choice, and cells as people fill them."""

import io
import zipfile

import openpyxl
import pytest

from questions import readers
from questions.readers import UnreadableFile

pytestmark = pytest.mark.once


def workbook(*rows, title="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_columns_are_found_by_their_names_in_any_order():
    reading = readers.read_text('Level,Response,Tags,Question\nhard,Because.,"SQL, Joins",Why?\n')
    (question,) = reading.questions
    assert (question.text, question.answer, question.difficulty) == ("Why?", "Because.", "hard")
    assert question.topics == ["SQL", "Joins"]
    assert question.line == 2


def test_what_stands_in_brackets_behind_the_name_of_a_column_is_no_part_of_it():
    reading = readers.read_text("Question (text),Answer [model],Level (1-3)\nWhy?,So.,2\nHow?,So.,3\n")
    assert [question.difficulty for question in reading.questions] == ["medium", "hard"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(separator):
    text = "\n".join(
        separator.join(row) for row in [("question", "answer"), ("What is a mean?", "A middle.")]
    )
    assert readers.read_text(text).questions[0].answer == "A middle."


def test_blanks_after_commas_quotes_and_line_breaks_in_cells():
    text = 'question, answer\n"What prints ""a, b""?", "First.\n\nThen, second."\n'
    (question,) = readers.read_text(text).questions
    assert question.text == 'What prints "a, b"?'
    assert question.answer == "First.\n\nThen, second."


def test_multiple_choice_becomes_the_words_of_the_right_option_with_the_others():
    text = "question,a,b,c,d,answer,explanation\nWhich is mutable?,tuple,list,str,int,B,It can grow.\n"
    (question,) = readers.read_text(text).questions
    assert question.answer == "list\n\nIt can grow.\n\nThe other options:\n\n- A. tuple\n- C. str\n- D. int"


@pytest.mark.parametrize("answer", ["b", "B)", "Option B", "2", "list"])
def test_the_right_option_is_named_by_letter_number_or_words(answer):
    text = f"question,option1,option2,option3,correct answer\nWhich?,tuple,list,str,{answer}\n"
    assert readers.read_text(text).questions[0].answer.startswith("list\n")


def test_a_table_without_names_is_read_by_position_and_says_so():
    reading = readers.read_text("What is a mean?\tA middle.\nWhat is a mode?\tThe most frequent.\n")
    assert [question.answer for question in reading.questions] == ["A middle.", "The most frequent."]
    assert "no row names the columns" in reading.warnings[0].message


def test_what_stands_in_columns_that_nobody_named_is_left_over():
    reading = readers.read_text("foo;bar;baz\nWhy?;So.;see 7\nHow?;Thus.;\n;;9\n", "a.csv")
    assert [question.text for question in reading.questions] == ["foo", "Why?", "How?"]
    assert reading.left_over == [(1, "baz"), (2, "see 7"), (4, "9")]


def test_rows_without_question_or_answer_are_told():
    reading = readers.read_text("question,answer\nWhy?,\n,An answer of nothing\n\nHow?,So.\n")
    assert [question.text for question in reading.questions] == ["Why?", "How?"]
    assert (2, "no answer here") in reading.warnings
    assert (3, "An answer of nothing") in reading.left_over


def test_columns_that_are_not_taken_are_told():
    reading = readers.read_text("question,answer,asked at\nWhy?,So.,Example Ltd\n")
    assert any("asked at" in remark.message for remark in reading.warnings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings(encoding):
    reading = readers.read_bytes(
        "question,answer\nWas heißt “naïve”?,Überhaupt nichts.\n".encode(encoding), "a.csv"
    )
    assert reading.questions[0].text == "Was heißt “naïve”?"
    assert reading.questions[0].answer == "Überhaupt nichts."
    assert bool(reading.warnings) == (encoding in {"cp1252", "utf-16-le"})


def test_a_workbook():
    data = workbook(
        ["ID", "Question", "Answer", "Difficulty"],
        [1374.0, "Why?", "So.", "Medium"],
        [],
        [2.5, "How?", "Thus.", 3],
    )
    one, other = readers.read_bytes(data, "a.xlsx").questions
    assert (one.uid, one.text, one.difficulty, one.line) == ("1374", "Why?", "medium", 2)
    assert (other.uid, other.difficulty, other.line) == ("2.5", "hard", 4)


def test_an_id_that_a_spreadsheet_made_a_fraction_is_a_whole_number_again():
    assert readers.read_text("id,question,answer\n1374.0,Why?,So.\n").questions[0].uid == "1374"


def test_a_formula_is_taken_as_its_text():
    data = workbook(["question", "answer"], ["Why?", '=HYPERLINK("http://example.com","So")'])
    reading = readers.read_bytes(data)
    assert reading.questions[0].answer == '=HYPERLINK("http://example.com","So")'
    assert any("formula" in remark.message for remark in reading.warnings)


def test_html_in_a_cell_becomes_markdown():
    reading = readers.read_text(
        "question,answer\nWhy?,<p>One</p><ul><li>two</li></ul><script>alert(1)</script>\n"
    )
    assert reading.questions[0].answer == "One\n\n- two"


def test_a_question_of_several_lines_keeps_them_in_the_answer():
    reading = readers.read_text('question,answer\n"What prints this?\n\nprint(1)","1"\n')
    assert reading.questions[0].text == "What prints this?"
    assert reading.questions[0].answer == "print(1)\n\n1"


def test_prose_with_commas_is_no_table():
    reading = readers.read_text(
        "# Questions\n\n## What is a tuple, a list, a set?\n\nThree kinds, all of them different.\n"
    )
    assert [question.text for question in reading.questions] == ["What is a tuple, a list, a set?"]


# Bad input


def zipped(**files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_a_damaged_workbook_gets_a_sentence():
    data = workbook(["question", "answer"], ["Why?", "So."])
    for damaged in (data[: len(data) // 2], data[:200] + b"\0" * 400 + data[600:]):
        with pytest.raises(UnreadableFile, match="damaged"):
            readers.read_bytes(damaged, "a.xlsx")


def test_a_workbook_with_entities_is_refused():
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
    with pytest.raises(UnreadableFile, match="entities"):
        readers.read_bytes(zipped(**{"xl/workbook.xml": bomb}), "a.xlsx")


def test_too_many_rows_are_refused():
    text = "question,answer\n" + "Why?,So.\n" * 50_000
    with pytest.raises(UnreadableFile, match="More than 10,000 rows"):
        readers.read_text(text)


def test_a_text_indented_by_tabs_is_no_table():
    text = "\tQuestions\n\n1.1\tWhat is it?\n\n\tA tool.\n\tIt lists files.\n\n1.2\tIs it free?\n\n\tYes.\n"
    reading = readers.read_text(text, "faq.txt")
    assert [question.text for question in reading.questions] == ["What is it?", "Is it free?"]


def test_a_title_may_stand_above_the_names_of_the_columns():
    reading = readers.read_text("Top SQL questions,,\n,,\nNo.,Question,Answer\n1,Why?,So.\n", "a.csv")
    assert [(question.text, question.answer) for question in reading.questions] == [("Why?", "So.")]
    assert (1, "Top SQL questions") in reading.left_over


def test_one_column_of_questions_is_a_table():
    reading = readers.read_text('Interview Questions\nWhat is a list?\n"Why, really?"\n', "a.csv")
    assert [question.text for question in reading.questions] == ["What is a list?", "Why, really?"]


def test_quotation_marks_that_are_written_as_in_html_are_read():
    reading = readers.read_text("question,answer\nWhat is a &quot;CPU&quot;?,It&#039;s &lt;b&gt;.\n")
    assert [(question.text, question.answer) for question in reading.questions] == [
        ('What is a "CPU"?', "It's &lt;b&gt;.")
    ]


def test_a_sheet_without_questions_is_left_over_beside_one_with_them():
    book = openpyxl.Workbook()
    book.active.append(["How to use this"])
    sheet = book.create_sheet("SQL")
    for row in (["Question", "Answer"], ["Why?", "So."]):
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    reading = readers.read_bytes(data.getvalue(), "a.xlsx")
    assert [question.text for question in reading.questions] == ["Why?"]
    assert (1, "How to use this") in reading.left_over
