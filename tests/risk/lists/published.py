"""Small lists as OFAC and the UN publish theirs, written for these tests."""

from __future__ import annotations

from pathlib import Path

SDN = """\
36,"AEROCARIBBEAN AIRLINES",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- 
4106,"HERRERA BUITRAGO, Helmer","individual","SDNT] [SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 24 Aug 1951; alt. DOB circa 1952; POB Cali, Colombia; nationality Venezuela; a.k.a. 'PACHO'; a.k.a. 'ABU-'UMAR'."
4238,"MAR AZUL","vessel","CUBA",-0- ,"CL2192","Tug",-0- ,"212","Cuba","Samir de Navegacion S.A.",-0- 
12300,"CIFUENTES VILLA, Jorge","individual","SDNTK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1965 to 1967; Linked To: INVERSIONES CIFUE"
15431,"EP-GOM","aircraft","SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Aircraft Model IL76-TD."
"""  # noqa: E501, W291 - as published
ALT = """\
36,12,"aka","AERO-CARIBBEAN",-0- 
4106,13,"fka","BUITRAGO, Elmer",-0- 
"""  # noqa: W291
ADD = """\
36,25,-0- ,"Havana","Cuba",-0- 
4106,26,-0- ,"Cali","Colombia",-0- 
"""  # noqa: W291
COMMENTS = """\
12300,"NTES; a.k.a. 'EL JEFE'."
99999,"of a party that is on a later list"
"""

UN = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z">
  <INDIVIDUALS>
    <INDIVIDUAL>
      <DATAID>6907993</DATAID>
      <FIRST_NAME>ERIC</FIRST_NAME><SECOND_NAME>BADEGE</SECOND_NAME><THIRD_NAME>na</THIRD_NAME>
      <UN_LIST_TYPE>DRC</UN_LIST_TYPE><REFERENCE_NUMBER>CDi.001</REFERENCE_NUMBER>
      <NAME_ORIGINAL_SCRIPT>صدام حسين</NAME_ORIGINAL_SCRIPT>
      <NATIONALITY><VALUE>Democratic People's Republic of Korea</VALUE></NATIONALITY>
      <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Erik Badege</ALIAS_NAME></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Rumuli</ALIAS_NAME></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_ADDRESS><COUNTRY>Rwanda</COUNTRY></INDIVIDUAL_ADDRESS>
      <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1971-03-04</DATE></INDIVIDUAL_DATE_OF_BIRTH>
      <INDIVIDUAL_DATE_OF_BIRTH>
        <TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1968</FROM_YEAR><TO_YEAR>1970</TO_YEAR>
      </INDIVIDUAL_DATE_OF_BIRTH>
      <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1965</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
    </INDIVIDUAL>
  </INDIVIDUALS>
  <ENTITIES>
    <ENTITY>
      <DATAID>6908402</DATAID><FIRST_NAME>BUTEMBO AIRLINES (BAL)</FIRST_NAME>
      <UN_LIST_TYPE>DRC</UN_LIST_TYPE><REFERENCE_NUMBER>CDe.002</REFERENCE_NUMBER>
      <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Butembo Air</ALIAS_NAME></ENTITY_ALIAS>
      <ENTITY_ADDRESS><COUNTRY>Uganda</COUNTRY></ENTITY_ADDRESS>
    </ENTITY>
  </ENTITIES>
</CONSOLIDATED_LIST>
"""


def write_lists(folder: Path) -> Path:
    """Write all files under their usual names, each ending in the Ctrl-Z of the published ones, and return the folder."""
    for name, text in (("sdn", SDN), ("alt", ALT), ("add", ADD), ("sdn_comments", COMMENTS)):
        (folder / f"ofac_{name}.csv").write_bytes(text.encode() + b"\x1a\r\n")
    (folder / "un_consolidated.xml").write_bytes(b"\xef\xbb\xbf" + UN.encode())
    return folder
